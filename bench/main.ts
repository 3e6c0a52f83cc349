// `npm run bench [NAME…]`: each bench prints its ratios and writes bench/results/NAME.json.
const benches = {
  gateway: () => import('./gateway.ts'),
  inference: () => import('./inference.ts'),
  audit: () => import('./audit.ts'),
  policy: () => import('./policy.ts'),
  compliance: () => import('./compliance.ts'),
  inventory: () => import('./inventory.ts'),
  registry: () => import('./registry.ts'),
  'artifact-hf': () => import('./artifact-hf.ts'),
  'artifact-scrub': () => import('./artifact-scrub.ts'),
  start: () => import('./start.ts'),
  'artifact-chunks': () => import('./artifact-chunks.ts'),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`No bench is called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
for (const [name, load] of Object.entries(benches)) if (asked.length === 0 || asked.includes(name)) await (await load()).run()
