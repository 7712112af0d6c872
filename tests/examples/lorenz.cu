/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sweep over the driven Lorenz system, one thread per run, fourth-order Runge-Kutta of fixed step.
 *
 *     x' = sigma (y - x) + drive (t)      drive: a piecewise cubic, one segment per unit of time
 *     y' = x (rho - z) - y
 *     z' = x y - beta z
 *
 * The run is the last axis of every array: element (i, j) of run r stands at (i * width + j) * n + r,
 * so that neighbouring threads touch neighbouring numbers. */

#define SAVES    51 /* the start, and 50 times after it */
#define SEGMENTS 22

struct point
{
  double x, y, z;
};

/* coefficients[SEGMENTS][1][4]: of t^0 to t^3 within the segment */
__device__ static double
drive (const double *coefficients, double t)
{
  int segment = (int) t;

  if (segment > SEGMENTS - 1)
    segment = SEGMENTS - 1;
  const double *c = coefficients + 4 * segment;
  double u = t - segment;
  return c[0] + u * (c[1] + u * (c[2] + u * c[3]));
}

__device__ static point
slope (point p, double sigma, double rho, double beta, double input)
{
  point d;

  d.x = sigma * (p.y - p.x) + input;
  d.y = p.x * (rho - p.z) - p.y;
  d.z = p.x * p.y - beta * p.z;
  return d;
}

__device__ static point
along (point p, double h, point d)
{
  point q;

  q.x = p.x + h * d.x;
  q.y = p.y + h * d.y;
  q.z = p.z + h * d.z;
  return q;
}

extern "C" __global__ void
lorenz (const double *initial_values,      /* [3,*] */
        const double *parameters,          /* [3,*]: sigma, rho, beta */
        const double *driver_coefficients, /* [22,1,4] */
        double *state,                     /* [51,3,*] */
        double *observables,               /* [51,2,*]: square of the radius, the drive */
        double *summaries,                 /* [1,3,*]: greatest x, y, z of those saved */
        int *status_codes,                 /* [*]: 0, or 1 + the save at which it left 1e6 */
        int *iteration_counters,           /* [51,4,*]: steps, slopes, segment, clipped */
        double dt, int steps, long long n)
{
  long long r = (long long) blockIdx.x * blockDim.x + threadIdx.x;

  if (r >= n)
    return;
  const double sigma = parameters[r], rho = parameters[n + r], beta = parameters[2 * n + r];
  point p, most;
  int status = 0;

  p.x = initial_values[r];
  p.y = initial_values[n + r];
  p.z = initial_values[2 * n + r];
  most = p;
  for (int save = 0; save < SAVES; save++)
    {
      double t = 0;

      for (int step = 0; save > 0 && step < steps; step++)
        {
          t = ((save - 1) * steps + step) * dt;
          double half = drive (driver_coefficients, t + 0.5 * dt);
          point a = slope (p, sigma, rho, beta, drive (driver_coefficients, t));
          point b = slope (along (p, 0.5 * dt, a), sigma, rho, beta, half);
          point c = slope (along (p, 0.5 * dt, b), sigma, rho, beta, half);
          point d = slope (along (p, dt, c), sigma, rho, beta,
                           drive (driver_coefficients, t + dt));
          p.x += dt / 6 * (a.x + 2 * b.x + 2 * c.x + d.x);
          p.y += dt / 6 * (a.y + 2 * b.y + 2 * c.y + d.y);
          p.z += dt / 6 * (a.z + 2 * b.z + 2 * c.z + d.z);
        }
      t = save * steps * dt;
      if (status == 0 && !(p.x * p.x + p.y * p.y + p.z * p.z < 1e12))
        status = 1 + save;
      if (p.x > most.x)
        most.x = p.x;
      if (p.y > most.y)
        most.y = p.y;
      if (p.z > most.z)
        most.z = p.z;
      state[(save * 3 + 0) * n + r] = p.x;
      state[(save * 3 + 1) * n + r] = p.y;
      state[(save * 3 + 2) * n + r] = p.z;
      observables[(save * 2 + 0) * n + r] = p.x * p.x + p.y * p.y + p.z * p.z;
      observables[(save * 2 + 1) * n + r] = drive (driver_coefficients, t);
      iteration_counters[(save * 4 + 0) * n + r] = save > 0 ? steps : 0;
      iteration_counters[(save * 4 + 1) * n + r] = save > 0 ? 4 * steps : 0;
      iteration_counters[(save * 4 + 2) * n + r] = t < SEGMENTS ? (int) t : SEGMENTS - 1;
      iteration_counters[(save * 4 + 3) * n + r] = t >= SEGMENTS;
    }
  summaries[r] = most.x;
  summaries[n + r] = most.y;
  summaries[2 * n + r] = most.z;
  status_codes[r] = status;
}
