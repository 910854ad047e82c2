"""Texts that several tests of the syntax read."""

PAGE = '''\
# Inputs, cut down.
pipeline inputs {
  work_path = "./work"
  "pool_size" = 8
}

use pis.tasks
import "curation.otter"

# How the genes
# are numbered.
param ensembl: int = 115
param names: list[str | int]? = ["a", 1.5e3, -2, true, null,]

scratchpad {
  ot_curation = "26.03"
  person.name = 'raw ${x} \\n'
  "a key" = { cpu = 1, "b c" = [] }
}

task curation extends copy {
  # Which file.
  file: str
  do: list[Spec] provides [each, prefix]
  source      = "https://raw.example.org/${ot_curation}/${file}"
}

task word_count {
  min_words:   int? | map[str] = 1
  run sh """
    wc -w < ${source}
      indented
  """
  validate { exists(destination) not_empty(destination, at_least = 3) }
}

extern task solr from pis.tasks.solr { url: str }
extern task bare { }

step target {
  requires [expression, copy.'x y', "group label", copy."${each} genes",]
  for each in species as homology {
    # Of one species.
    copy "${each} genes" { source = copy.'homo sapiens'.destination step = 1 }
  }
  for file in glob("gs://x/*.csv", all = true) { copy "" { do { requires [a] copy step { } } } }
  if with_ppp and not (a == "b" or c in [1, 2]) { copy a { } } else if b not in c { copy b { } } else { copy c { } }
}
'''
