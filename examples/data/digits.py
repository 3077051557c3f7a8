"""The digits of examples/data, from scikit-learn, which carries the test part of the UCI optical digits.

    python3 -m venv /tmp/digits && /tmp/digits/bin/pip install scikit-learn==1.9.1
    /tmp/digits/bin/python examples/data/digits.py

writes digits.csv and digits-test.csv beside itself, the same bytes every time.
"""

from pathlib import Path

from sklearn.datasets import load_digits

HEADER = """\
# Optical recognition of handwritten digits: 8 x 8 pixels from 0 to 16, row by row, then the digit.
# E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0;
# the 1797 digits of its test part, as scikit-learn carries them. {part}
"""


def write(name, part, rows):
    lines = [",".join(str(int(value)) for value in [*pixels, digit]) for pixels, digit in rows]
    Path(__file__).with_name(name).write_text(HEADER.format(part=part) + "\n".join(lines) + "\n")


def main():
    digits = load_digits()
    rows = list(zip(digits.data, digits.target))
    # The writers follow one another: every fifth digit leaves some of each in both parts. 1440 have many divisors for batches.
    train = [row for j, row in enumerate(rows) if j % 5 != 4 or j >= 1785]
    write("digits.csv", "1440 of them: those of digits-test.csv left out.", train)
    write("digits-test.csv", "357 of them: those whose number j from 0 is below 1785 and has j mod 5 = 4.", rows[4:1785:5])


if __name__ == "__main__":
    main()
