"""Reading CSV files, and what is said about damaged ones."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.csvcolumns import CsvError, nearest
from cratewise.csvrows import LARGEST, parse_csv, read_csv

HEADER = "track_id,track_name,tempo\n"


def parsed(text: str) -> list[list[str]]:
    """The rows of a file with this text."""
    return [row.values for row in parse_csv(text.encode(), "songs.csv").rows]


def refused(data: bytes | str) -> CsvError:
    """The error that a file with this content gives."""
    with pytest.raises(CsvError) as caught:
        parse_csv(data.encode() if isinstance(data, str) else data, "songs.csv")
    assert "songs.csv" in str(caught.value)
    return caught.value


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(
    rows=st.lists(st.lists(_texts, min_size=3, max_size=3), max_size=6),
    delimiter=st.sampled_from(",;\t"),
    has_mark=st.booleans(),
)
def test_what_was_written_is_read_back(rows: list[list[str]], delimiter: str, has_mark: bool) -> None:
    """Any text survives, whatever separates the fields, with and without a byte order mark."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["title", "artists", "year of release"])
    writer.writerows(rows)
    table = parse_csv(file.getvalue().encode("utf-8-sig" if has_mark else "utf-8"), "songs.csv")
    assert table.header == ("title", "artists", "year of release")
    assert [row.values for row in table.rows] == rows


@given(data=st.binary(max_size=200))
def test_any_bytes_give_a_table_or_the_one_error(data: bytes) -> None:
    """Whatever the bytes are, nothing but a CsvError comes out of it."""
    try:
        rows = parse_csv(data, "songs.csv").rows
    except CsvError as error:
        rows, message = (), str(error)
    else:
        message = "songs.csv was read"
    assert "songs.csv" in message
    assert len({len(row.values) for row in rows}) <= 1


def test_lines_are_counted_through_line_breaks_in_values() -> None:
    """A row's line is the one it begins in, even behind values of several lines and blank lines."""
    table = parse_csv(b'a,b\n"one\ntwo",1\n\nthree,2\n', "songs.csv")
    assert [row.line for row in table.rows] == [2, 5]


def test_line_ends_of_every_system_are_read() -> None:
    """Files from Windows and old Macs give the same rows."""
    assert parsed("a,b\r\n1,2\r\n") == parsed("a,b\r1,2\r") == parsed("a,b\n1,2") == [["1", "2"]]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "  \n"])
def test_an_empty_file_is_named_so(text: str) -> None:
    """Nothing, or nothing but blank lines, is an empty file."""
    assert "empty" in str(refused(text))


def test_a_row_cut_short_is_named_with_the_first_column_it_lacks() -> None:
    """A truncated row gives its line and the column that should have come next."""
    error = refused(HEADER + "a,One,120\nb,Tw")
    assert (error.line, error.column) == (3, "tempo")
    assert "line 3" in str(error)


def test_a_row_with_too_many_fields_is_named() -> None:
    """An unquoted separator inside a value gives the line it stands in."""
    error = refused(HEADER + "a,One,120\nb,Two, Three,120\n")
    assert error.line == 3
    assert "4 fields" in str(error)


def test_a_quotation_mark_never_closed_is_named_where_it_opens() -> None:
    """Not where the file ends, but where the quotation began, with the column."""
    error = refused(HEADER + 'a,One,120\nb,"Two,120\n' + "c,Three,120\n" * 50)
    assert (error.line, error.column) == (3, "track_name")
    assert "never closed" in str(error)


def test_a_quotation_longer_than_any_value_counts_as_never_closed() -> None:
    """A lost quotation mark in a large file is found too, though a field that long ends the reading early."""
    error = refused(HEADER + 'a,"One,120\n' + "c,Three,120\n" * 20_000)
    assert (error.line, error.column) == (2, "track_name")


def test_quotation_marks_that_do_not_pair_up_are_named() -> None:
    """Text right behind a closing mark is an error in its own line."""
    error = refused(HEADER + 'a,One,120\nb,"Two" three,120\n')
    assert (error.line, error.column) == (3, "track_name")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_wrong_encoding_is_named_by_line_column_and_byte(mark: bytes) -> None:
    """A file in Latin-1 says which byte in which column is not UTF-8."""
    data = mark + HEADER.encode() + b"a,One,120\nb,Beyonc\xe9,120\n"
    error = refused(data)
    assert (error.line, error.column) == (3, "track_name")
    assert f"byte {data.index(0xE9) + 1} of" in str(error)
    assert "0xe9" in str(error)
    assert "UTF-8" in error.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_refused(encoding: str) -> None:
    """What spreadsheets call Unicode text is not taken for garbage without a word."""
    error = refused(HEADER.encode(encoding))
    assert error.line == 1
    assert "UTF" in f"{error} {error.hint}"


def test_a_nul_byte_is_named() -> None:
    """Binary rubbish in the middle of a file gives the place of the first NUL byte."""
    error = refused(HEADER.encode() + b"a,One,120\nb,T\0o,120\n")
    assert (error.line, error.column) == (3, "track_name")


def test_a_column_that_is_there_twice_is_refused() -> None:
    """Two columns of one name can't be told apart."""
    assert refused("a,b,A\n1,2,3\n").column == "A"


def test_a_header_in_the_middle_is_refused() -> None:
    """Two files joined one behind the other are noticed."""
    assert refused(HEADER + "a,One,120\n" + HEADER).line == 3


def test_missing_columns_are_named_with_the_nearest_there_is() -> None:
    """Each missing column is named, and what it may have been called."""
    table = parse_csv(b"Trackname,tempo\nOne,120\n", "songs.csv")
    with pytest.raises(
        CsvError, match=r"2 columns missing: 'track_name' \(nearest: 'Trackname'\), 'artists'"
    ) as caught:
        table.require(["track_name", "artists", "tempo"])
    assert (caught.value.line, caught.value.column) == (1, "track_name")
    with pytest.raises(CsvError, match=r"'track_name', 'temp' \(nearest: 'tempo'\)"):
        parse_csv(b"track_id,tempo\n", "songs.csv").require(["track_id", "track_name", "temp"])


@pytest.mark.parametrize("name", ["", "nowhere.csv"])
def test_paths_that_are_no_file_are_refused(tmp_path: Path, name: str) -> None:
    """A directory and a file that isn't there give the one error, with the path."""
    with pytest.raises(CsvError, match=tmp_path.name):
        read_csv(tmp_path / name)


def test_numbers_are_read_as_people_write_them() -> None:
    """Blank means absent; exponents, NaN and infinity are numbers; a decimal comma is one in a semicolon file."""
    table = parse_csv(b"x;y\n 0.5 ;1\n;1\n1e-05;1\nNA;1\n0,5;1\ninf;1\n", "songs.csv")
    column = table.column("X")
    assert column is not None
    assert column.numbers(table.rows) == [0.5, None, 1e-05, None, 0.5, float("inf")]


@pytest.mark.parametrize("value", ["abc", "1_000", "1.2.3", "0,5", "--1"])
def test_a_value_that_is_no_number_is_named(value: str) -> None:
    """The error holds the line, the column and the very value."""
    table = parse_csv(f'track_name,tempo\nOne,120\nTwo,"{value}"\n'.encode(), "songs.csv")
    column = table.require(["tempo"])["tempo"]
    with pytest.raises(CsvError, match=f"line 3, column 'tempo': '{value}' is not a number"):
        column.numbers(table.rows)


def test_columns_that_count_take_whole_numbers_only() -> None:
    """ "4" and "4.0" are whole; "4.5" is an error."""
    table = parse_csv(b"key\n4\n4.0\nnan\n4.5\n", "songs.csv")
    column = table.require(["key"])["key"]
    assert column.whole_numbers(table.rows[:2]) == [4, 4]
    with pytest.raises(CsvError, match=r"line 5, column 'key': '4\.5' is not a whole number"):
        column.whole_numbers(table.rows)


def test_yes_and_no_are_read() -> None:
    """True and false in the usual spellings; anything else is an error with its place."""
    table = parse_csv(b'explicit\nTrue\nno\n0\n""\nperhaps\n', "songs.csv")
    column = table.require(["explicit"])["explicit"]
    assert [column.yes_or_no(row) for row in table.rows[:4]] == [True, False, False, None]
    with pytest.raises(CsvError, match="line 6, column 'explicit': 'perhaps' is not true or false"):
        column.yes_or_no(table.rows[4])


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("WAHR", "FALSCH"),
        ("VRAI", "FAUX"),
        ("VERDADERO", "FALSO"),
        ("VERDADEIRO", "FALSO"),
        ("VERO", "FALSO"),
        ("WAAR", "ONWAAR"),
        ("PRAWDA", "FAŁSZ"),
        ("DOĞRU", "YANLIŞ"),
        ("ИСТИНА", "ЛОЖЬ"),
    ],
)
def test_yes_and_no_are_read_as_spreadsheets_write_them(yes: str, no: str) -> None:
    """A spreadsheet saves true and false in the language of whoever opened the file."""
    table = parse_csv(f"explicit\n{yes}\n{no}\n".encode(), "songs.csv")
    column = table.require(["explicit"])["explicit"]
    assert [column.yes_or_no(row) for row in table.rows] == [True, False]


def test_nothing_near_is_nothing() -> None:
    """A name that resembles nothing gets no suggestion."""
    assert nearest("hip hop", ["hip-hop", "house"]) == "hip-hop"
    assert nearest("zzzz", ["hip-hop", "house"]) == ""


def test_a_value_may_be_as_long_as_it_likes() -> None:
    """A title of a million characters is read, and one that is never closed is still found."""
    assert parsed(f'{HEADER}1,"{"x" * 1_000_000}",90\n')[0][1] == "x" * 1_000_000
    error = refused(f'{HEADER}1,"{"x" * 1_000_000},90\n')
    assert (error.line, error.column) == (2, "track_name")


def test_a_separator_may_be_declared_as_excel_does() -> None:
    """A first line `sep=;` is obeyed, and lines are counted as the file has them."""
    table = parse_csv(b"sep=;\r\ntrack_id;track_name\r\n1;a,b,c\r\n", "songs.csv")
    assert table.header == ("track_id", "track_name")
    assert [(row.line, row.values) for row in table.rows] == [(3, ["1", "a,b,c"])]


def test_a_file_too_large_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    """By its size, with what to do; memory holds no more of it than is allowed."""
    file = tmp_path / "large.csv"
    with file.open("wb") as opened:
        opened.truncate(10**9)  # of NULs, on no disk
    tracemalloc.start()
    try:
        with pytest.raises(CsvError, match=r"large\.csv is larger than 100 MB") as raised:
            read_csv(file)
        assert tracemalloc.get_traced_memory()[1] < 1.5 * LARGEST
    finally:
        tracemalloc.stop()
    assert "parts" in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        '"' * 1_000_001,
        f"{'a' * 1_000_000}\n1\n2,3\n",
        f"a,{'b' * 1_000_000}\n1\n",
        f"{'a' * 10_000},{'a' * 10_000}\n1,2\n",
    ],
    ids=["quotes", "too many", "too few", "twice"],
)
def test_a_message_is_short_whatever_the_columns_are_called(text: str) -> None:
    """What is no CSV file may be taken for one column's name of a megabyte."""
    with pytest.raises(CsvError) as caught:
        parse_csv(text.encode(), "file.csv")
    assert len(str(caught.value)) < 300


def test_a_value_in_a_column_of_a_long_name_is_named_shortly() -> None:
    """The column's name is cut as its values are."""
    table = parse_csv(f"{'a' * 50_000}\nx\n".encode(), "file.csv")
    column = table.column("a" * 50_000)
    assert column is not None
    with pytest.raises(CsvError) as caught:
        column.number(table.rows[0])
    assert len(str(caught.value)) < 300
