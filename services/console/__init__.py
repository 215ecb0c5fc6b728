"""The console: the readable record as pages, for whom it concerns, and the forms by which people decide.

Reads the archive; writes reviews.submitted and disputes.submitted, each with its author, and erases in the archive by
request, which is recorded with its author too. It keeps nothing: sessions are signed cookies, and what was decided
shows once the archivist has written it.
Promises: who may see what is decided in one table (`people`); nothing is said to Kafka without a signed-in author and
a CSRF token; whatever outsiders wrote is escaped; every page works without scripts.
"""
