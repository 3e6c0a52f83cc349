-- Clearances are given by those who have them. On a site set up before there were any, that is whoever owns the organisation.
insert into policy_clearance (id, principal_id, rank, caveats)
select distinct on (principal_id) 'clearance_' || right(principal_id, 26), principal_id, 1000, array['*']
from policy_grant join policy_scope on policy_scope.id = scope_id
where role = 'owner' and parent_id is null and principal_id like 'user\_%' and effect = 'allow' and eligible is null and expires_at is null
on conflict (principal_id) do nothing;

-- Of one assignment a person has one elevation at a time, and it ends.
create unique index policy_elevation_once on policy_grant (assignment_id, principal_id) where assignment_id is not null;
alter table policy_grant add check (assignment_id is null or (starts_at is not null and expires_at is not null));
