import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { count } from './format.ts'

type Hour = { hour: string; calls: number; promptTokens: number; completionTokens: number }

/** Tokens by hour, read and written. Loaded on its own: the drawing library is the largest thing the portal has. */
export function UsageChart({ hours }: { hours: Hour[] }) {
  const data = hours.map(({ hour, promptTokens, completionTokens }) => ({
    hour: new Date(hour).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    'Tokens read': promptTokens,
    'Tokens written': completionTokens,
  }))
  return (
    <BarChart
      h={200}
      data={data}
      dataKey="hour"
      type="stacked"
      series={[
        { name: 'Tokens read', color: 'sea.3' },
        { name: 'Tokens written', color: 'sea.7' },
      ]}
      valueFormatter={count}
      withLegend
      legendProps={{ verticalAlign: 'top', height: 32 }}
      gridAxis="x"
      tickLine="none"
      yAxisProps={{ width: 60 }}
      barProps={{ maxBarSize: 26, isAnimationActive: false }}
    />
  )
}

// For lazy loading.
// oxlint-disable-next-line import/no-default-export
export default UsageChart
