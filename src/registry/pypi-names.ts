// Names of Python's packages: what normalises to the same is the same project (PEP 503), and a file's name says whose it is (PEP 427, PEP 625).
import { invalid } from '#platform/problem.ts'

/** PEP 503. */
export const normalise = (name: string): string => name.replaceAll(/[-_.]+/g, '-').toLowerCase()

const nameLengthMax = 128

export const checkProject = (name: string): string => {
  if (name.length > nameLengthMax || !/^(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i.test(name))
    throw invalid(
      `${JSON.stringify(name.slice(0, nameLengthMax))} is not a name of a project: letters, digits, and . _ - between them.`,
    )
  return name
}

const versionLengthMax = 100

export const checkVersion = (version: string): string => {
  if (version.length > versionLengthMax || !/^[a-z0-9](?:[a-z0-9.!+_-]*[a-z0-9])?$/i.test(version))
    throw invalid(`${JSON.stringify(version.slice(0, versionLengthMax))} is not a version as PEP 440 writes them.`)
  return version.toLowerCase()
}

const sameVersion = (a: string, b: string): boolean =>
  a.toLowerCase().replaceAll(/[-_.]+/g, '.') === b.toLowerCase().replaceAll(/[-_.]+/g, '.')

export const isWheel = (filename: string): boolean => filename.endsWith('.whl')

/** Throws unless the file's own name says that it is of this project and version. */
export const checkFilename = (filename: string, project: string, version: string): void => {
  const stem = /^([A-Za-z0-9_.!+-]+?)(\.whl|\.tar\.gz|\.zip)$/.exec(filename)?.[1]
  if (stem === undefined || stem.startsWith('.'))
    throw invalid(`${JSON.stringify(filename.slice(0, 200))} is neither a wheel nor a source distribution.`)
  const [name = '', told = ''] = isWheel(filename)
    ? stem.split('-')
    : [stem.slice(0, stem.lastIndexOf('-')), stem.slice(stem.lastIndexOf('-') + 1)]
  if (isWheel(filename) && ![5, 6].includes(stem.split('-').length))
    throw invalid(`${filename} is not named as wheels are: name-version-python-abi-platform.whl.`)
  if (normalise(name) !== normalise(project) || !sameVersion(told, version))
    throw invalid(`${filename} is of ${name} ${told} by its name, and was sent as ${project} ${version}.`)
}
