// Loaded before anything else in a child process: nothing at all leaves it, not even to loopback.
import { installEgressGuard } from './egress.ts'

installEgressGuard({ loopback: process.argv.includes('--network=loopback') })
