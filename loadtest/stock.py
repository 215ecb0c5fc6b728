"""What uploads are made of: files, some of them listed, and the verdict that follows from each.

Making a 4 KiB file costs as much as sending ten uploads of it, so uploads may share contents: each file is submitted
under as many ids as it takes, in turn. What an upload of a file must come to is known all the same, and the hasher
reads and hashes it every time; only the matcher has fewer digests with more copies each.
"""

import asyncio
import random
from array import array
from collections.abc import Sequence

from loadtest.files import MadeFile, make_files
from loadtest.form import plain
from loadtest.session import Session, Status
from loadtest.target import Cluster, LoadTestError, progress
from loadtest.truth import Expected, Verdict

LISTED_WORKS = 20
# Of the uploads that are in the generator's memory and not in Kafka yet.
UNACKNOWLEDGED_MAX = 20_000


class Stock:
    """Files; the first ones are listed, each by the work of its place."""

    def __init__(self, listed: Sequence[MadeFile], own: Sequence[MadeFile], work_ids: Sequence[str]) -> None:
        self.listed = len(listed)
        self.files = (*listed, *own)
        self.addresses = [plain(made.uri) for made in self.files]
        self.expected = [expected_of(made, work) for made, work in zip(listed, work_ids, strict=True)]
        self.expected += [expected_of(made, None) for made in own]

    def choose(self, count: int, listed_share: float, seed: int) -> Sequence[int]:
        """Return which file each of so many uploads has: listed ones by chance, the others in turn."""
        chance = random.Random(seed)
        own = len(self.files) - self.listed
        chosen, turn = array("l"), 0
        for _ in range(count):
            if self.listed and (own == 0 or chance.random() < listed_share):
                chosen.append(chance.randrange(self.listed))
            else:
                chosen.append(self.listed + turn % own)
                turn += 1
        return chosen


class Uploads:
    """Uploads that are planned: what each of them is of, and the truth about it."""

    def __init__(self, session: Session, stock: Stock, chosen: Sequence[int]) -> None:
        self._session = session
        self._stock = stock
        self.chosen = chosen
        self.numbers = session.new_uploads(len(chosen))

    def expect(self) -> None:
        """Tell the truth about all of them, before the first is sent."""
        for number, which in zip(self.numbers, self.chosen, strict=True):
            self._session.truth.expect(number, self._stock.expected[which])

    def expect_one(self, place: int) -> None:
        """Tell the truth about one, which is about to be sent."""
        self._session.truth.expect(self.numbers[place], self._stock.expected[self.chosen[place]])

    async def send_all(self) -> None:
        """Send all, as fast as Kafka takes them."""
        for begin in range(0, len(self.numbers), UNACKNOWLEDGED_MAX):
            self.send(range(begin, min(begin + UNACKNOWLEDGED_MAX, len(self.numbers))))
            await self._session.acknowledged()

    def send(self, places: range) -> None:
        """Hand those at these places, from 0, to the sender."""
        for place in places:
            self._session.submit(self.numbers[place], self._stock.addresses[self.chosen[place]])


async def make_stock(session: Session, cluster: Cluster, own: int, size: int, seed: int) -> Stock:
    """Make files, and list the first ones; return when those listings are in force."""
    progress(f"making {own:,} files of {size:,} bytes")
    listed = await asyncio.to_thread(make_files, cluster.folder(), LISTED_WORKS, size, seed)
    made = await asyncio.to_thread(make_files, cluster.folder(), own, size, seed + 1)
    work_ids = [f"work-{number}" for number in range(LISTED_WORKS)]
    for work_id, each in zip(work_ids, listed, strict=True):
        session.register(work_id, each)
    if not await session.receipts_came(work_ids, Status.ACCEPTED):
        raise LoadTestError("The works that uploads are to be copies of were not accepted in time.")
    return Stock(listed, made, work_ids)


def expected_of(made: MadeFile, work_id: str | None) -> Expected:
    """Return the truth about an upload of these bytes, listed by that work or by nobody."""
    if work_id is None:
        return Expected(Verdict.CLEAR, made.content.blake3)
    return Expected(Verdict.BLOCKED, made.content.blake3, (work_id,))
