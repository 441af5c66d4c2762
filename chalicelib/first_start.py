"""The first start: a new store is made beside its place and moved there whole, so that one that was cut off half way
is never taken for a store."""

import os
import shutil
from dataclasses import replace
from email.utils import parseaddr

from chalicelib.records.ports import Put
from chalicelib.records.rep import Rep, Role
from chalicelib.settings import Settings
from chalicelib.wiring import Service, exists, open_service


def make_store(settings: Settings, sample: bool) -> bool:
    """Make the store if there is none: with sample data, or with one administrator who owns what nobody else can.
    Whether it was made."""
    if exists(settings):
        return False
    building = settings.data.with_name(f"{settings.data.name}.new-{os.getpid()}")
    for left_over in settings.data.parent.glob(f"{settings.data.name}.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    service = open_service(replace(settings, data=building, journal=settings.journal_folder))
    if sample:
        from chalicelib.sample import make_sample

        make_sample(service.deps)
    else:
        _first_person(service)
    service.close()
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    move_store(building, settings)
    return True


def move_store(building: "os.PathLike[str]", settings: Settings) -> None:
    """Onto the data folder, which may exist as long as it holds no store: all of it, or the parts one by one."""
    if not settings.data.exists():
        os.rename(building, settings.data)
        return
    for entry in sorted(os.scandir(building), key=lambda e: e.name == "leadline.db"):
        # The database comes last: it is what says that there is a store.
        os.replace(entry.path, settings.data / entry.name)
    os.rmdir(building)


def _first_person(service: Service) -> None:
    """Somebody has to own the first lead: the named fallback, until people are added. Whoever reads the mail of
    LEADLINE_ADMIN_EMAIL can sign in as that person."""
    address = service.settings.admin_email or parseaddr(service.settings.sender)[1]
    admin = Rep("admin", "Administrator", address, Role.ADMIN)
    service.deps.store.commit([Put(admin, if_version=0)])
