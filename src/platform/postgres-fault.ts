/** What keeps PostgreSQL from running, in words that say what to do. */
export class PostgresFault extends Error {
  override readonly name = 'PostgresFault'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const damagedAdvice = 'Restore the home from a backup; keep the damaged one for examination.'

const known: [RegExp, string, string][] = [
  [
    /No space left on device/i,
    'disk-full',
    'The disk of the home is full, so the database cannot run. Free space, then start again; nothing that was acknowledged is lost.',
  ],
  [
    /has wrong ownership|Permission denied|invalid permissions/i,
    'permission',
    'The home belongs to another user. Start as the user who made it, or give the home to this one.',
  ],
  [
    /(pg_control|control file)|invalid checkpoint record|could not locate a valid checkpoint/i,
    'damaged',
    `The database is damaged: its control file or its last checkpoint cannot be read. ${damagedAdvice}`,
  ],
  [
    /invalid page in block|checksum verification failed|could not read file|could not open file|could not open directory|relation mapping file/i,
    'damaged',
    `The database is damaged: a file of it is missing or not what was written. ${damagedAdvice}`,
  ],
  [
    /incompatible with server|initialized by PostgreSQL version/i,
    'version',
    'The database was made by another major version of PostgreSQL. Start the version of Holdfast that made it.',
  ],
  [
    /cannot be run as root/i,
    'root',
    'PostgreSQL does not run as root and this system permits no user namespaces. Start Holdfast as an ordinary user.',
  ],
  [
    /could not map anonymous shared memory|Cannot allocate memory/i,
    'memory',
    'The machine has too little free memory for the database. Free some, then start again.',
  ],
]

/** The last thing PostgreSQL said before it ended, as a fault a person can act on. */
export const faultFromLog = (text: string): PostgresFault | undefined => {
  const last = text
    .split('\n')
    .filter((line) => /FATAL|PANIC|initdb: error|could not|No space/.test(line))
    .slice(-5)
    .join('\n')
  const found = known.find(([pattern]) => pattern.test(last))
  return found && new PostgresFault(found[1], found[2])
}
