# SPDX-License-Identifier: MIT
# fish completion for cordon(1). Commands and options come from the program's own tables, by its help, so they are never out
# of date.

function __cordon_verbs
    set -l words (commandline -opc)
    $words[1] --help 2>/dev/null | string replace -rf '^  ([a-z-]+) +([A-Z].*)$' '$1\t$2'
end

function __cordon_options
    set -l words (commandline -opc)
    set -q words[2]; or return
    $words[1] help $words[2] 2>/dev/null | string replace -rf '^ *(?:-[a-zA-Z], *)?(--[a-z-]+).*$' '$1'
end

complete -c cordon -n 'test (count (commandline -opc)) -eq 1' -f -a '(__cordon_verbs)'
complete -c cordon -n 'string match -q help (commandline -opc)[2]' -f -a '(__cordon_verbs)'
complete -c cordon -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__cordon_options)'
complete -c cordon -n 'contains -- (commandline -opc)[-1] -i --interface' -f -a '(path basename /sys/class/net/*)'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --method' -f -a 'af_packet af_xdp'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --contain' -f -a 'observe ask enforce'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --gate' -f -a 'off on'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --log-format' -f -a 'text json'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --fail-on' -f -a 'exposed suspect infected'
complete -c cordon -n 'contains -- (commandline -opc)[-1] --color --colour' -f -a 'auto always never'
