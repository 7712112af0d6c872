/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which variables are the same for all threads of a block, which are computed again where they are
 * needed, and which each lane has for itself; and of loops, whether all lanes turn together. */
#include "config.h"

#include "compute/lower-private.h"

static const char *const constants[] = {
  "blockDim", "warpSize", "true",     "false",     "NAN",      "INFINITY",    "nullptr",
  "sizeof",   "unsigned", "signed",   "long",      "short",    "int",         "float",
  "double",   "char",     "bool",     "size_t",    "int8_t",   "int16_t",     "int32_t",
  "int64_t",  "uint8_t",  "uint16_t", "uint32_t",  "uint64_t", "static_cast", "const",
  "uint",     "ulong",    "dim3",     "ptrdiff_t", NULL
};
static const char *const uniforms[] = { "blockIdx", "gridDim", NULL };
/* Functions of their arguments alone; the cheap ones are worth calling again */
static const char *const cheap_functions[] = { "min",   "max",  "abs",   "fmin",   "fmax", "fminf",
                                               "fmaxf", "fabs", "fabsf", "sizeof", NULL };
static const char *const functions[] = { "sqrt",   "sqrtf", "exp",   "expf",  "log",
                                         "logf",   "sin",   "sinf",  "cos",   "cosf",
                                         "tan",    "tanf",  "pow",   "powf",  "floor",
                                         "floorf", "ceil",  "ceilf", "rsqrt", "rsqrtf",
                                         "fma",    "fmaf",  "tanh",  "tanhf", NULL };

/* Whether the divisor at @i is never zero, so that dividing early is safe */
static gboolean
is_safe_divisor (const PinwheelLower *self, guint i)
{
  static const char *const sizes[] = { "blockDim", "gridDim", "warpSize", NULL };
  static const char *const reals[] = { "float", "double", NULL };
  const PinwheelLowerVariable *variable = self->tokens[i].variable;
  gint64 number;

  if (self->tokens[i].kind == PINWHEEL_TOKEN_NUMBER)
    return !pinwheel_lower_is_number (self, i, i + 1, &number) || number != 0;
  if (variable != NULL && variable->is_parameter)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (self->signature,
                                                                         variable->id);

      return pinwheel_dtype_class (parameter->type.dtype) == PINWHEEL_DTYPE_CLASS_FLOAT;
    }
  if (variable != NULL)
    for (const char *const *word = reals; *word != NULL; word++)
      if (g_strcmp0 (variable->type, *word) == 0)
        return TRUE;
  return pinwheel_lower_is_one (self, i, sizes);
}

static PinwheelLowerClass
classify_name (const PinwheelLower *self, guint i)
{
  const PinwheelLowerVariable *variable = self->tokens[i].variable;
  gboolean is_call = pinwheel_lower_is (self, i + 1, "(");

  if (variable != NULL)
    return variable->is_affine ? PINWHEEL_LOWER_CHEAP : variable->class;
  if (pinwheel_lower_is (self, i, "threadIdx"))
    return PINWHEEL_LOWER_CHEAP;
  if (pinwheel_lower_is_one (self, i, uniforms))
    return PINWHEEL_LOWER_UNIFORM;
  if (pinwheel_lower_is_one (self, i, constants) || pinwheel_lower_knows (self, i, self->constants)
      || pinwheel_lower_knows (self, i, self->typedefs))
    return PINWHEEL_LOWER_CONSTANT;
  if (is_call && pinwheel_lower_is_one (self, i, cheap_functions))
    return PINWHEEL_LOWER_CONSTANT;
  return PINWHEEL_LOWER_VARYING;
}

/* Class of one token between @from and the end of its expression */
static PinwheelLowerClass
classify_token (const PinwheelLower *self, guint from, guint i)
{
  static const char *const members[] = { ".", "->", "::", NULL };
  static const char *const memory[] = { "->", "[", "{", "?", NULL };
  const PinwheelLowerToken *token = &self->tokens[i];
  gboolean is_first = i == from;

  if (token->kind == PINWHEEL_TOKEN_NAME)
    return !is_first && pinwheel_lower_is_one (self, i - 1, members) ? PINWHEEL_LOWER_CONSTANT
                                                                     : classify_name (self, i);
  if (token->kind != PINWHEEL_TOKEN_PUNCTUATOR)
    return token->kind == PINWHEEL_TOKEN_DIRECTIVE ? PINWHEEL_LOWER_VARYING
                                                   : PINWHEEL_LOWER_CONSTANT;
  if (pinwheel_lower_is_assignment (self, i) || pinwheel_lower_is_one (self, i, memory))
    return PINWHEEL_LOWER_VARYING;
  if (pinwheel_lower_is (self, i, "*") || pinwheel_lower_is (self, i, "&"))
    {
      gboolean is_unary = is_first
                          || (self->tokens[i - 1].kind == PINWHEEL_TOKEN_PUNCTUATOR
                              && !pinwheel_lower_is (self, i - 1, ")")
                              && !pinwheel_lower_is (self, i - 1, "]"));

      return is_unary ? PINWHEEL_LOWER_VARYING : PINWHEEL_LOWER_CONSTANT;
    }
  if ((pinwheel_lower_is (self, i, "/") || pinwheel_lower_is (self, i, "%"))
      && !is_safe_divisor (self, i + 1))
    return PINWHEEL_LOWER_CHEAP;
  return PINWHEEL_LOWER_CONSTANT;
}

PinwheelLowerClass
pinwheel_lower_classify_range (const PinwheelLower *self, guint from, guint end)
{
  PinwheelLowerClass class = PINWHEEL_LOWER_CONSTANT;
  gboolean is_dear = FALSE;

  for (guint i = from; i < end; i++)
    if (pinwheel_lower_is (self, i + 1, "(") && pinwheel_lower_is_one (self, i, functions))
      is_dear = TRUE;
    else
      class = MAX (class, classify_token (self, from, i));
  /* constant to the pass is not always constant to the compiler */
  if (is_dear)
    class = MAX (class, PINWHEEL_LOWER_UNIFORM);
  return is_dear && class == PINWHEEL_LOWER_CHEAP ? PINWHEEL_LOWER_VARYING : class;
}

static void
classify_variable (PinwheelLower *self, PinwheelLowerVariable *variable)
{
  gboolean is_list = variable->open == '{';

  variable->is_hoisted = variable->is_shared;
  if (variable->is_assigned || variable->is_reference || variable->is_shared || variable->open == 0
      || variable->loop != NULL)
    return;
  if (variable->open == '=' && pinwheel_lower_is (self, variable->init, "{")
      && self->tokens[variable->init].match + 1 == variable->init_end)
    is_list = TRUE;
  if (variable->n_dims > 0 || variable->open != '=' || is_list)
    {
      /* tables of numbers */
      PinwheelLowerClass class = PINWHEEL_LOWER_CONSTANT;

      for (guint i = variable->init; i < variable->init_end; i++)
        if (!pinwheel_lower_is (self, i, "{"))
          class = MAX (class, classify_token (self, variable->init, i));
      if (class > PINWHEEL_LOWER_CONSTANT || !variable->is_const || variable->is_auto)
        return;
      variable->is_hoisted = TRUE;
      if (variable->n_dims == 0)
        variable->class = PINWHEEL_LOWER_CONSTANT;
      return;
    }
  variable->class = pinwheel_lower_classify_range (self, variable->init, variable->init_end);
  variable->is_hoisted = variable->class == PINWHEEL_LOWER_CONSTANT && variable->is_const
                         && !variable->is_auto;
  if (variable->class == PINWHEEL_LOWER_CONSTANT && !variable->is_hoisted)
    variable->class = PINWHEEL_LOWER_UNIFORM;
}

/* Whether the step adds the same to @variable for every lane at every turn. @sign: of what it adds
 * @by: the tokens from there to the step's end, or the end itself for 1 */
static gboolean
read_step (const PinwheelLower *self, const PinwheelLowerStatement *loop,
           const PinwheelLowerVariable *variable, guint *by)
{
  guint i = loop->step, end = loop->step_end;

  *by = end;
  if (end == i + 2)
    {
      guint name = self->tokens[i].variable == variable ? i : i + 1;

      return self->tokens[name].variable == variable
             && pinwheel_lower_is_assignment (self, name == i ? i + 1 : i);
    }
  *by = i + 2;
  return end > i + 2 && self->tokens[i].variable == variable
         && pinwheel_lower_is_assignment (self, i + 1) && !pinwheel_lower_is (self, i + 1, "=")
         && pinwheel_lower_find (self, i, end, ",") == end
         && pinwheel_lower_classify_range (self, i + 2, end) <= PINWHEEL_LOWER_UNIFORM;
}

static gboolean
is_whole_number (const PinwheelLowerVariable *variable)
{
  static const char *const types[] = {
    "int",     "unsigned int",       "unsigned",      "long long", "long",    "size_t",
    "int64_t", "unsigned long long", "unsigned long", "uint32_t",  "int32_t", "uint64_t",
    NULL
  };

  return variable->type != NULL && g_strv_contains (types, variable->type);
}

/* The variable that a header declares: the same for all lanes, or apart by a fixed distance */
static void
classify_header (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  PinwheelLowerVariable *variable = NULL;
  PinwheelLowerClass first;
  guint by;

  if (loop->init != NULL && loop->init->kind == PINWHEEL_LOWER_DECLARATION
      && loop->init->variables->len == 1)
    variable = g_ptr_array_index (loop->init->variables, 0);
  if (variable == NULL || variable->is_assigned || variable->is_reference || variable->is_auto
      || variable->n_dims > 0 || variable->open != '=' || !read_step (self, loop, variable, &by))
    return;
  first = pinwheel_lower_classify_range (self, variable->init, variable->init_end);
  variable->class = PINWHEEL_LOWER_UNIFORM;
  loop->is_uniform = first <= PINWHEEL_LOWER_UNIFORM && loop->condition < loop->condition_end
                     && pinwheel_lower_classify_range (self, loop->condition, loop->condition_end)
                            <= PINWHEEL_LOWER_UNIFORM;
  if (loop->is_uniform)
    return;
  variable->class = PINWHEEL_LOWER_VARYING;
  variable->is_affine = first <= PINWHEEL_LOWER_CHEAP && is_whole_number (variable)
                        && (by == loop->step_end || pinwheel_lower_is (self, loop->step + 1, "+=")
                            || pinwheel_lower_is (self, loop->step + 1, "-="));
}

/* Whether all threads of a block answer alike, or all of a warp that does something together then
 */
static void
classify_branch (PinwheelLower *self, PinwheelLowerStatement *branch)
{
  guint from = branch->condition, end = branch->condition_end;

  branch->is_uniform = pinwheel_lower_classify_range (self, from, end) <= PINWHEEL_LOWER_UNIFORM;
  branch->is_of_warps = branch->has_warp && !branch->has_barrier && !branch->is_uniform
                        && pinwheel_lower_is_of_warps (self, from, end);
  self->has_warp_branches |= branch->is_of_warps;
}

/* @stays_whole: the statements stay together within one region */
static void
classify_list (PinwheelLower *self, GPtrArray *list, gboolean stays_whole)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      PinwheelLowerStatement *statement = g_ptr_array_index (list, i);
      gboolean is_whole = stays_whole || !statement->is_split;

      for (guint k = 0; statement->variables != NULL && k < statement->variables->len; k++)
        classify_variable (self, g_ptr_array_index (statement->variables, k));
      if (statement->kind == PINWHEEL_LOWER_FOR && !is_whole)
        classify_header (self, statement);
      else if (statement->kind == PINWHEEL_LOWER_IF)
        classify_branch (self, statement);
      classify_list (self, statement->body, is_whole);
      classify_list (self, statement->otherwise, is_whole);
    }
}

/* What stands outside of the lanes' own code must mean the same everywhere in the kernel. */
static void
check_names (PinwheelLower *self)
{
  static const char *const members[] = { ".", "->", "::", NULL };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) hoisted = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (!g_hash_table_add (names, variable->name)
          && (variable->is_hoisted || g_hash_table_contains (hoisted, variable->name)))
        pinwheel_lower_refuse (self, variable->at, "there are two variables '%s'", variable->name);
      if (variable->is_hoisted)
        g_hash_table_add (hoisted, variable->name);
    }
  for (guint i = 0; i < self->n_tokens && self->reason == NULL; i++)
    {
      g_autofree char *name = pinwheel_lower_dup (self, i, i + 1);

      if (self->tokens[i].kind == PINWHEEL_TOKEN_NAME && self->tokens[i].variable == NULL
          && (i == 0 || !pinwheel_lower_is_one (self, i - 1, members))
          && g_hash_table_contains (names, name))
        pinwheel_lower_refuse (self, i, "'%s' is a variable elsewhere in the kernel", name);
    }
}

void
pinwheel_lower_classify (PinwheelLower *self)
{
  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (variable->is_assigned)
        variable->class = PINWHEEL_LOWER_VARYING;
    }
  classify_list (self, self->body, FALSE);
  check_names (self);
}
