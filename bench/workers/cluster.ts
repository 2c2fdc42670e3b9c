import cluster from 'node:cluster'
import { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { readConfig } from '#bootstrap/config.ts'
import { journalDirectory } from '#bootstrap/local-gateway.ts'
import { openLocalTraffic } from '#bootstrap/local-traffic.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { startUsageThread } from '#bootstrap/usage-thread.ts'

// The data plane as processes of Node's cluster, for the comparison with threads: limits are counted by each for itself.

const [dataDirectory = '', port = '', workers = ''] = process.argv.slice(2)
const config = readConfig(
  { APIGATE_LOG_LEVEL: 'error' },
  { dataDirectory, host: '127.0.0.1', port: Number(port) },
)
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value)

if (cluster.isPrimary) {
  startUsageThread({
    databaseDsn: config.value.databaseDsn,
    journalDirectory: journalDirectory(house),
    log: house.log,
  })
  for (let number = 0; number < Number(workers); number++) cluster.fork()
} else {
  const traffic = await openLocalTraffic(house, createPrometheusMetrics(), undefined, house.drainUsage)
  await traffic.listen(Number(port), undefined)
  process.on('disconnect', () => process.exit(0))
}
