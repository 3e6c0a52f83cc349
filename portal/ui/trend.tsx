// Parts of a whole over time, as stacked areas. Loaded on its own: the drawing library is the largest thing the portal has.
import { AreaChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { count, moment } from './format.ts'

export type TrendPoint = { at: string } & Record<string, number | string>
export type TrendSeries = { name: string; color: string }

export function Trend({ points, series }: { points: TrendPoint[]; series: TrendSeries[] }) {
  return (
    <AreaChart
      h={220}
      data={points.map((point) => ({ ...point, at: moment(point.at) }))}
      dataKey="at"
      type="stacked"
      series={series}
      valueFormatter={count}
      withLegend
      legendProps={{ verticalAlign: 'top', height: 32 }}
      withDots={points.length < 3}
      gridAxis="x"
      tickLine="none"
      xAxisProps={{ tickFormatter: (value: string) => value.split(',')[0] ?? value, minTickGap: 40 }}
      yAxisProps={{ width: 56 }}
      areaProps={{ isAnimationActive: false }}
    />
  )
}

// For lazy loading.
// oxlint-disable-next-line import/no-default-export
export default Trend
