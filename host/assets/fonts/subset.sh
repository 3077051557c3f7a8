#!/bin/sh
# Makes the two font files of this folder from the DejaVu 2.37 release (its folder is the argument):
# Latin, Greek, Cyrillic, super- and subscripts, arrows and mathematical operators, without hinting.
# Needs fonttools (pip install fonttools).
set -eu
from=$1
here=$(dirname "$0")
characters="U+0020-007E,U+00A0-017F,U+018F,U+0192,U+01CD-01DC,U+0218-021B,U+02C6-02C7,U+02D8-02DD,U+0300-030C,\
U+0327-0328,U+0370-03FF,U+0400-045F,U+0490-0491,U+1D40-1D6A,U+1E02-1E03,U+1E80-1E85,U+2010-2027,U+2030-203A,\
U+2044,U+2070-209C,U+20AC,U+2102,U+210B-2115,U+211A-211D,U+2124,U+2126,U+212B,U+2135,U+2153-215E,U+2190-21FF,\
U+2200-22FF,U+2308-230B,U+2329-232A,U+25A0-25FF,U+2605-2606,U+2713-2717,U+27E8-27E9,U+27F5-27FA,U+FB00-FB04,U+FFFD"
for font in DejaVuSans DejaVuSans-Bold; do
  pyftsubset "$from/$font.ttf" --unicodes="$characters" --no-hinting --notdef-outline --layout-features='' --legacy-kern \
    --drop-tables+=GPOS,GSUB,GDEF,FFTM,gasp,MATH --no-glyph-names --name-IDs='0,1,2,3,4,5,6,13,14' \
    --no-recalc-timestamp --output-file="$here/$font.ttf"
done
