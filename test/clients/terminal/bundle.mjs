// Makes .tools/terminal/page.js and page.css of page.jsx.
import { build } from 'esbuild';

await build({
  entryPoints: ['page.jsx'],
  outdir: '../.tools/terminal',
  bundle: true,
  minify: true,
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  // The one component that the terminal shows while it loads: through the front door would come all of them, with all that they need.
  alias: { '@backstage/core-components': './node_modules/@backstage/core-components/dist/components/Progress/Progress.esm.js' },
  logLevel: 'warning',
});
