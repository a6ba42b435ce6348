-- Run once by PostgreSQL's image, while its volume is empty: a user that owns the ledger's database and may do nothing else.
\getenv password LEDGER_PASSWORD
CREATE ROLE relay LOGIN PASSWORD :'password';
CREATE DATABASE relay OWNER relay TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
REVOKE ALL ON DATABASE relay FROM PUBLIC;
