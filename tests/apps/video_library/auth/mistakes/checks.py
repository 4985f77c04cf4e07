"""What a service of accounts must not do, one mistake each."""

import asyncio

from tests.apps.video_library.auth.mistakes.subject import Subject

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
NOBODY, WRONG = "nobody@example.org", "something wrong"
HOSTILE = "<script>alert(1)</script>@example.org"


async def no_password_is_kept_as_it_is(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    assert EMAIL.encode() in subject.stored()
    assert PASSWORD.encode() not in subject.stored()


async def no_password_is_kept_by_a_fast_hash(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    assert b"$argon2id$" in subject.stored()


async def no_token_is_kept_as_it_is(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    token = (await subject.sign_in(EMAIL, PASSWORD)).json()["token"]
    assert token.encode() not in subject.stored()


async def no_address_comes_back_as_html(subject: Subject) -> None:
    answer = await subject.sign_up(HOSTILE, PASSWORD)
    assert "html" not in answer.headers["Content-Type"]
    assert "<script" not in answer.text
    assert answer.headers.get("X-Content-Type-Options") == "nosniff"


async def no_sign_up_tells_who_has_an_account(subject: Subject) -> None:
    first = await subject.sign_up(EMAIL, PASSWORD)
    second = await subject.sign_up(EMAIL, PASSWORD)
    assert (first.status_code, first.content) == (second.status_code, second.content)


async def no_sign_up_takes_less_work_for_who_has_one(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    before = subject.worked()
    await subject.sign_up(EMAIL, PASSWORD)
    assert subject.worked() == before + 1


async def no_sign_in_tells_who_has_an_account(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    known, unknown = await subject.sign_in(EMAIL, WRONG), await subject.sign_in(NOBODY, WRONG)
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


async def no_sign_in_takes_less_work_for_who_has_none(subject: Subject) -> None:
    before = subject.worked()
    await subject.sign_in(NOBODY, WRONG)
    assert subject.worked() == before + 1


async def no_guessing_goes_on_for_ever(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    answers = [await subject.sign_in(EMAIL, WRONG) for _ in range(30)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


async def no_guesses_at_once_slip_through(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    before = subject.worked()
    await asyncio.gather(*(subject.sign_in(EMAIL, WRONG) for _ in range(30)))
    assert subject.worked() - before < 10


async def no_address_has_two_accounts(subject: Subject) -> None:
    words = [f"{PASSWORD} {n}" for n in range(4)]
    await asyncio.gather(*(subject.sign_up(EMAIL, each) for each in words))
    assert subject.accounts_of(EMAIL) == 1


async def no_other_spelling_is_another_account(subject: Subject) -> None:
    await subject.sign_up(EMAIL, PASSWORD)
    await subject.sign_up("Ada@Example.org", WRONG)
    assert (await subject.sign_in("Ada@Example.org", WRONG)).status_code == 401
    assert (await subject.sign_in("Ada@Example.org", PASSWORD)).status_code == 201


async def no_database_goes_without_a_password(subject: Subject) -> None:
    assert subject.accepts("mongodb://ada:secret@db.example.org/library")
    assert subject.accepts("mongodb://127.0.0.1/library")
    assert not subject.accepts("mongodb://db.example.org/library")


CHECKS = (
    no_password_is_kept_as_it_is,
    no_password_is_kept_by_a_fast_hash,
    no_token_is_kept_as_it_is,
    no_address_comes_back_as_html,
    no_sign_up_tells_who_has_an_account,
    no_sign_up_takes_less_work_for_who_has_one,
    no_sign_in_tells_who_has_an_account,
    no_sign_in_takes_less_work_for_who_has_none,
    no_guessing_goes_on_for_ever,
    no_guesses_at_once_slip_through,
    no_address_has_two_accounts,
    no_other_spelling_is_another_account,
    no_database_goes_without_a_password,
)
