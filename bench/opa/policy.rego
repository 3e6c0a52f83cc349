# The same question as Holdfast's, the way OPA's documentation says to ask it: assignments, scopes and roles as data, one rule over them.
package holdfast

import rego.v1

default allow := false

allow if {
	some grant in data.grants[input.principal]
	grant.scope in data.ancestors[input.scope]
	input.action in data.roles[grant.role]
}
