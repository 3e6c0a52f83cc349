// One accent (sea green), one neutral ramp, tight type. Pages never name a colour: they name a meaning (`tone`).
import { createTheme, type MantineColorsTuple } from '@mantine/core'

const sea: MantineColorsTuple = [
  '#e9f7f4',
  '#cfece6',
  '#9fd9cd',
  '#6bc5b3',
  '#43b39d',
  '#279f89',
  '#0f8070',
  '#0b7364',
  '#075d52',
  '#044840',
]
const dark: MantineColorsTuple = [
  '#e6eaea',
  '#b9c2c3',
  '#919c9e',
  '#6b7678',
  '#394244',
  '#262d2f',
  '#1b2123',
  '#131819',
  '#0d1112',
  '#080a0b',
]
const gray: MantineColorsTuple = [
  '#f8f9f9',
  '#f1f3f3',
  '#e5e8e8',
  '#d8dcdd',
  '#c3c9ca',
  '#a3acae',
  '#788385',
  '#556062',
  '#353d3f',
  '#1b2123',
]

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.24,
  colors: { sea, dark, gray },
  defaultRadius: 6,
  cursorType: 'pointer',
  focusRing: 'auto',
  fontFamily: "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '22px', lineHeight: '1.3' },
      h2: { fontSize: '15px', lineHeight: '1.4' },
      h3: { fontSize: '14px', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm', fw: 550 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 30 } },
    // Nearly every field is needed; those that are not say so.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    TextInput: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 10,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        closeButtonProps: { 'aria-label': 'Close' },
        styles: { title: { fontWeight: 600 } },
      },
    },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Menu: { defaultProps: { shadow: 'md', radius: 8 } },
    Tooltip: { defaultProps: { openDelay: 350, fz: 12 } },
    Badge: { defaultProps: { radius: 4, variant: 'light', tt: 'none', fw: 550 } },
  },
})
