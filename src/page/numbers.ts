/** Numbers as people read them; ABSENT for what is not known. */
export const ABSENT = '–';

/** @returns IEC: `1.5 MiB` */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']);
}

/** @returns SI: `1.5 k` */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E']).trim();
}

export function rate(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : `${count(value)}/s`;
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  if (value < 120) return `${Math.round(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= step && power < units.length - 1) {
    rest /= step;
    power++;
  }
  // Two decimals would make it a false 0.
  if (rest > 0 && rest < 0.005) return `<0.01 ${units[power]}`;
  const digits = Number.isInteger(rest) || Math.abs(rest) >= 100 ? 0 : Math.abs(rest) >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)} ${units[power]}`;
}
