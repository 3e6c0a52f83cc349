// What is typed into a terminal to make, register and use a certificate.

/** A key of one's own and a certificate over it, for a year. Of what a user name may hold, only a plus says something to openssl. */
export const makeCommand = (username: string): string =>
  `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365 \\
  -utf8 -subj '/CN=${username.replaceAll('+', '\\+')}' -keyout approval.key -out approval.pem`

/** Over exactly the statement, its last line end included. */
export const signCommand = (statement: string): string =>
  `printf '${statement.replaceAll('\n', '\\n')}' | openssl dgst -sha256 -sign approval.key | openssl base64 -A`

export const approveCommand = ({ change, certificate }: { change?: string; certificate: string }): string =>
  `${change === undefined ? 'holdfast change list --waiting\n' : ''}holdfast change approve ${change ?? 'CHANGE'} --certificate ${certificate} --key approval.key`
