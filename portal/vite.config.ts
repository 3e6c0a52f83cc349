import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const site = 'http://127.0.0.1:4600'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Only browsers with `light-dark()` and nesting; nothing is rewritten for older ones.
    target: 'es2023',
    // Everything is its own file: `data:` scripts are refused by the site's content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: Object.fromEntries(['/api', '/v1', '/log', '/problems'].map((path) => [path, site])) },
})
