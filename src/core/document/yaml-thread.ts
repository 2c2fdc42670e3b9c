import { parentPort, workerData } from 'node:worker_threads'
import { parseYaml } from './parse-yaml.ts'

// A thread of its own: reading a large text takes long, and a hostile one takes for ever, while requests wait.
parentPort?.postMessage(parseYaml(String(workerData)))
