"""The command line. Bad input is one plain line and exit 2; `--json` gives one document on one line."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from chalicelib import commands as c
from chalicelib import commands_identity as people
from chalicelib import commands_safety as safety
from chalicelib.settings import BadSetting, read_settings
from chalicelib.terminal import Refused


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        settings = read_settings()
        if arguments.data:
            settings = replace(settings, data=Path(arguments.data))
        code: int = arguments.run(settings, arguments)
        return code
    except (Refused, BadSetting) as refusal:
        print(f"leadline: {refusal}", file=sys.stderr)
    except OSError as error:
        print(f"leadline: {error.strerror or 'not readable'}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; the usage is a --help away."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"leadline: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m chalicelib", description="Leadline on the command line")
    parser.add_argument("--data", help="the embedded store's folder (default: LEADLINE_DATA or ./data)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = _command(commands, "init", c.init, "make the store")
    init.add_argument("--sample", action="store_true", help="with sample data")
    serve = _command(commands, "serve", c.serve, "run the embedded service")
    serve.add_argument("--port", type=int, help="0 takes a free one")
    serve.add_argument("--empty", action="store_true", help="no sample data in a new store")
    upload = _command(commands, "import", c.import_list, "upload a list")
    upload.add_argument("file")
    upload.add_argument("--campaign", required=True, help="id or name; made if it is new")
    upload.add_argument("--mapping", help="JSON file: column name to field name")
    upload.add_argument("--phone-country", default="", help="whose numbers without a country code are: DE, Germany")
    upload.add_argument("--basis", default="", help="the legal basis of mailing this list")
    upload.add_argument("--preview", action="store_true", help="count, write nothing")
    undo = _command(commands, "undo", c.undo, "take an import back; whoever was touched since stays, and is listed")
    undo.add_argument("upload", metavar="IMPORT", help="the import's id")
    undo.add_argument("--back", action="store_true", help="put back what was taken back")
    card = _command(commands, "card", c.card, "badge or card text to fields")
    card.add_argument("files", nargs="*")
    channel = _command(commands, "channel", c.channel, "URL and referrer to channel")
    channel.add_argument("--site", default="", help="our own host, which is no referrer")
    _attribute(_command(commands, "attribute", c.attribute, "attribution on plain files"))
    same = _command(commands, "dedupe", people.dedupe, "which rows of a plain list are the same person")
    same.add_argument("file")
    same.add_argument("--out", help="write row,cluster to this file instead of standard output")
    same.add_argument("--review", help="write the doubtful pairs with their reasons to this file")
    one = _command(commands, "merge", people.merge, "make two records of one person one; the other id leads on")
    one.add_argument("stays", metavar="STAYS", help="id, e-mail or phone of the record that stays")
    one.add_argument("goes", metavar="GOES", help="the one that becomes part of it")
    two = _command(commands, "unmerge", people.unmerge, "part two again; what was done since stays, and is listed")
    two.add_argument("gone", metavar="ID", help="the id of the record that became part of another")
    two.add_argument("--back", action="store_true", help="take that back: one again")
    _command(commands, "check", c.check, "counts and invariants of the store")
    _command(commands, "cost", c.cost, "units and money per 1,000 forms and list rows on AWS, and at rest")
    erase = _command(commands, "erase", safety.erase, "remove a person; lists do not bring the person back")
    erase.add_argument("person", help="id, e-mail or phone")
    saved = _command(commands, "backup", safety.backup, "save the service below a folder")
    saved.add_argument("place", help="a folder for this service's backups alone")
    back = _command(commands, "restore", safety.restore, "bring a saved service back, held until it is released")
    back.add_argument("place", nargs="?", default="", help="a backup, or the folder of backups: the newest")
    back.add_argument("--adopt", action="store_true", help="hold the store that is there and replay the journal")
    back.add_argument("--since", default="", help="with --adopt: replay what was noted since (a time with its zone)")
    back.add_argument("--release", action="store_true", help="let the service go on")
    again = _command(commands, "replay", safety.replay, "do again what waits at the door or was given up")
    again.add_argument("--list", action="store_true", help="only show it")
    admin = _command(commands, "admin", c.admin, "make an administrator and show a link to sign in by")
    admin.add_argument("email")
    admin.add_argument("--name", default="", help="for a new person; by default the address's first part")
    key = _command(commands, "api-key", c.api_key, "make an API key and show it once")
    key.add_argument("name")
    key.add_argument("--scope", action="append", default=[], help="may be repeated; all scopes if left out")
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="one JSON document on one line")
    parser.set_defaults(run=run)
    return parser


def _attribute(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--paths")
    parser.add_argument("--touches")
    parser.add_argument("--conversions")
    parser.add_argument("--spend")
    parser.add_argument("--milestones")
    parser.add_argument("--model", default="all", help="a model, several joined by commas, or all")
    parser.add_argument("--lookback", type=int, help="days")
    parser.add_argument("--margin", type=float, help="contribution margin in percent")


if __name__ == "__main__":
    sys.exit(main())
