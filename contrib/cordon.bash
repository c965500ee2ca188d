# SPDX-License-Identifier: MIT
# bash completion for cordon(1). Commands, options and formats come from the program itself, so they are never out of date.

_cordon() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
	local program=${COMP_WORDS[0]}

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "$verb" = help ]; }; then
		COMPREPLY=($(compgen -W "$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  *[A-Z].*/\1/p')" -- "$word"))
		return
	fi
	case $before in
	--format)
		COMPREPLY=($(compgen -W "$("$program" "$verb" --format '?' 2>&1 |
			sed -n "s/.* wants one of \(.*\), not .*/\1/p" | tr -d ,)" -- "$word"))
		return
		;;
	--proto) COMPREPLY=($(compgen -W 'tcp udp' -- "$word")) && return ;;
	--fail-on) COMPREPLY=($(compgen -W 'exposed suspect infected' -- "$word")) && return ;;
	--color | --colour) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) && return ;;
	--gate) COMPREPLY=($(compgen -W 'off on' -- "$word")) && return ;;
	--contain) COMPREPLY=($(compgen -W 'observe ask enforce' -- "$word")) && return ;;
	--method) COMPREPLY=($(compgen -W 'af_packet af_xdp' -- "$word")) && return ;;
	--log-format) COMPREPLY=($(compgen -W 'text json' -- "$word")) && return ;;
	-i | --interface) COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$word")) && return ;;
	--metrics | --user | --since | --until | -f | --filter | --local | --threads | --memory | --max-devices | --at | --port | --address | --within | --reporter | --for | --control) return ;;
	esac
	case $word in
	-*)
		COMPREPLY=($(compgen -W "$("$program" help "$verb" 2>/dev/null |
			sed -n 's/^ *\(-[a-zA-Z], *\)\{0,1\}\(--[a-z-]*\).*/\2/p')" -- "$word"))
		;;
	*) COMPREPLY=($(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _cordon cordon
