import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = import.meta.dirname

/** Two pages, each an application of its own: `ui.html` for operators, `portal.html` for customers. */
export default defineConfig({
  root: here,
  base: '/assets/',
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': here } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsDir: 'app',
    target: 'es2022',
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: { input: { ui: `${here}/ui.html`, portal: `${here}/portal.html` } },
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/admin': 'http://localhost:8080' } },
})
