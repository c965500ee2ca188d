#compdef cordon
# SPDX-License-Identifier: MIT
# zsh completion for cordon(1). Commands and options come from the program's own tables, by its help, so they are never out
# of date.

_cordon() {
	local program=${words[1]} verb=${words[2]} line
	local -a verbs options

	if ((CURRENT == 2)) || { ((CURRENT == 3)) && [[ $verb == help ]]; }; then
		verbs=(${(f)"$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  *\([A-Z].*\)/\1:\2/p')"})
		_describe command verbs
		return
	fi
	case ${words[CURRENT - 1]} in
	-i | --interface) compadd -- /sys/class/net/*(N:t) && return ;;
	--method) compadd af_packet af_xdp && return ;;
	--contain) compadd observe ask enforce && return ;;
	--gate) compadd off on && return ;;
	--log-format) compadd text json && return ;;
	--fail-on) compadd exposed suspect infected && return ;;
	--color | --colour) compadd auto always never && return ;;
	esac
	if [[ ${words[CURRENT]} == -* ]]; then
		options=(${(f)"$("$program" help "$verb" 2>/dev/null | sed -n 's/^ *\(-[a-zA-Z], *\)\{0,1\}\(--[a-z-]*\).*/\2/p')"})
		compadd -- $options
	else
		_files
	fi
}

_cordon "$@"
