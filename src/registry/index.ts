// How clients of the field speak to the store: each protocol in its own words, over the same repositories.
export { aptRoutes } from './apt-routes.ts'
export { filesRoutes } from './files-routes.ts'
export { npmRoutes } from './npm-routes.ts'
export { ociRoutes } from './oci-routes.ts'
export { hfRoutes } from './hf-routes.ts'
export { pypiRoutes } from './pypi-routes.ts'
