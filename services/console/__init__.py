"""The console: the readable record as pages, for whom it concerns, and the forms by which people decide.

Reads the archive and nothing else; writes reviews.submitted and disputes.submitted, each with its author. It keeps
nothing: sessions are signed cookies, and what was decided shows once the archivist has written it.
Promises: who may see what is decided in one table (`people`); nothing is said to Kafka without a signed-in author and
a CSRF token; whatever outsiders wrote is escaped; every page works without scripts.
"""
