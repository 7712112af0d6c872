# Of what kernels see of CUDA on the CPU, preprocessed, the functions that take numbers, give one and do
# nothing else: as C string literals. A pointer may be written through, so that none takes one; what
# takes nothing is a clock.
BEGIN {
  marks = "static inline __attribute__ \\(\\(always_inline, unused\\)\\)|extern \"C\""
  types = "(unsigned|signed|char|short|int|long|float|double|bool|auto) +"
}
{ text = text " " $0 }
END {
  gsub (marks, "\n", text)
  n = split (text, parts, "\n")
  for (i = 1; i <= n; i++)
    {
      if (i > 1 && depth == 0 && match (parts[i], "^ *(" types ")+[A-Za-z_0-9]+ *\\([^*()]+\\)"))
        {
          name = substr (parts[i], 1, RLENGTH)
          sub (/ *\(.*/, "", name)
          sub (/.* /, "", name)
          if (!(name in seen))
            print "\"" name "\","
          seen[name] = 1
        }
      depth += gsub (/\{/, "{", parts[i]) - gsub (/\}/, "}", parts[i])
    }
}
