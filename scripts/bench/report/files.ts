import type { Results } from '../results.ts';
import { armPage } from './arm-page.ts';
import { latencyChart, memoryChart, scalingChart, throughputChart } from './charts.ts';
import { contentionPage } from './contention-page.ts';
import { observabilityPage } from './observability-page.ts';
import { performancePage } from './performance-page.ts';

/** Every file that is made of docs/performance.json, with what makes its text. */
export const BENCH_FILES: Readonly<Record<string, (results: Results) => string>> = {
  'docs/performance.md': performancePage,
  'docs/metrics-performance.md': observabilityPage,
  'docs/contention-results.md': contentionPage,
  'docs/arm-portability.md': armPage,
  'docs/charts/throughput.svg': throughputChart,
  'docs/charts/latency.svg': latencyChart,
  'docs/charts/memory.svg': memoryChart,
  'docs/charts/scaling-churn-1.svg': (results) => scalingChart(results, 'churn-1'),
  'docs/charts/scaling-larson.svg': (results) => scalingChart(results, 'larson'),
  'docs/charts/scaling-xmalloc.svg': (results) => scalingChart(results, 'xmalloc'),
};
