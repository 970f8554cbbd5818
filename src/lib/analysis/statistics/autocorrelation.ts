/**
 * @returns the lag-1 autocorrelation: how much a value tells about the next, −1 to 1; 0 where all are equal or fewer than 3.
 * r₁ = Σ(xᵢ−x̄)(xᵢ₊₁−x̄) / Σ(xᵢ−x̄)² (Box, Jenkins and Reinsel, Time Series Analysis, § 2.1)
 */
export function lag1(values: readonly number[]): number {
  if (values.length < 3) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    squares += (value - mean) ** 2;
    const next = values[i + 1];
    if (next !== undefined) products += (value - mean) * (next - mean);
  }
  return squares > 0 ? products / squares : 0;
}

/** @returns true where neighbours resemble each other more than 97.5 % of independent series of that length would: r₁ > 1.96/√n */
export function isCorrelated(values: readonly number[]): boolean {
  return lag1(values) > 1.96 / Math.sqrt(values.length);
}

/**
 * @returns how many independent values say as much as these: n·(1 − r₁)/(1 + r₁) where neighbours are correlated (Bayley and Hammersley, "The effective
 * number of independent observations in an autocorrelated time series", 1946, for a first-order process), at least 1; otherwise n
 */
export function effectiveSize(values: readonly number[]): number {
  if (!isCorrelated(values)) return values.length;
  const r = lag1(values);
  return Math.max(1, Math.floor((values.length * (1 - r)) / (1 + r)));
}
