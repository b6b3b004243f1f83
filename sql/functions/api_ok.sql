-- hall_api.ok: the outcome of a command that only says something and asks the database nothing:
--   SELECT 'ok'::hall_api.ok AS outcome

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ok', 'ok');
