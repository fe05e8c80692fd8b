-- Rule: fk-without-index
-- before
CREATE TABLE tenants (a bigint, b bigint, PRIMARY KEY (a, b));
-- @up
CREATE TABLE users (id bigint PRIMARY KEY, a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES tenants); CREATE INDEX users_b_a_idx ON users (b, a, id);
