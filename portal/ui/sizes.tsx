// Sizes side by side, largest first. Loaded on its own: the drawing library is the largest thing the portal has.
import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { bytes } from './format.ts'

const rowPx = 34
const edgePx = 40

export function Sizes({ of }: { of: readonly { name: string; bytes: number }[] }) {
  return (
    <BarChart
      h={edgePx + rowPx * of.length}
      data={of.map(({ name, bytes: size }) => ({ name, Size: size }))}
      dataKey="name"
      orientation="vertical"
      series={[{ name: 'Size', color: 'sea.6' }]}
      valueFormatter={bytes}
      gridAxis="none"
      tickLine="none"
      yAxisProps={{ width: 110 }}
      barProps={{ maxBarSize: 18, isAnimationActive: false }}
    />
  )
}

// For lazy loading.
// oxlint-disable-next-line import/no-default-export
export default Sizes
