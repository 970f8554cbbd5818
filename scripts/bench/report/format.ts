/** Three significant digits, as far as that makes sense: 0.0123, 1.23, 12.3, 123, 12300. A dash for what was not measured. */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.max(0, Math.min(4, 2 - digits)));
}

export function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(2);
}

export function mib(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1048576).toFixed(bytes < 10485760 ? 2 : 1);
}

export function percent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return '–';
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

/** A Markdown table; the first column is text, the others are aligned right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line), ''].join('\n');
}
