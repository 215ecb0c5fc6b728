"""Where all tables are known together, so that one migration can be compared with all of them."""

from sqlalchemy import MetaData

RECORD = MetaData()
