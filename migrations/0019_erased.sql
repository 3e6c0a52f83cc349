-- Deleting a person erases what they said here, and deleting a group its name. What earlier deletions left behind goes now.
delete from conversation where not exists (select 1 from identity_user where identity_user.id = conversation.owner);

update audit_subject_key set sealed_key = null, destroyed_at = now()
where subject like 'group\_%' and sealed_key is not null and not exists (select 1 from identity_group where identity_group.id = subject);
