#!/bin/sh
# Puts zeroapp among your own programs; nothing needs an administrator. `install.sh --remove` takes it away again.
set -eu
here=$(CDPATH="" cd -- "$(dirname -- "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
place=$data/zeroapp-app
entry=$data/applications/zeroapp.desktop
kind=$data/mime/packages/zeroapp.xml
icon=$data/icons/hicolor/scalable/apps/zeroapp.svg
command=$HOME/.local/bin/zeroapp

refresh() {
    command -v update-desktop-database >/dev/null && update-desktop-database -q "$data/applications" || true
    command -v update-mime-database >/dev/null && update-mime-database "$data/mime" || true
}

if [ "${1:-}" = "--remove" ]; then
    rm -rf "$place" "$place.new" "$place.old"
    rm -f "$entry" "$kind" "$icon" "$command"
    refresh
    echo "zeroapp was removed. Your projects are where they were."
    exit 0
fi

mkdir -p "${entry%/*}" "${kind%/*}" "${icon%/*}" "${command%/*}"
# Made beside and then renamed, so that an interrupted copy is never taken for the app.
rm -rf "$place.new" "$place.old"
cp -R "$here/app" "$place.new"
[ ! -e "$place" ] || mv "$place" "$place.old"
mv "$place.new" "$place"
rm -rf "$place.old"
# Quoted for the desktop entry, whose own sign is the percent, and once more for sed.
quoted=$(printf '%s' "$place" | sed 's/[\"`$]/\\&/g; s/\\/\\\\/g; s/%/%%/g; s/[&|\]/\\&/g')
sed "s|^Exec=.*|Exec=\"$quoted/zeroapp\" --window %f|" "$here/zeroapp.desktop" > "$entry"
cp "$here/zeroapp-mime.xml" "$kind"
cp "$here/zeroapp.svg" "$icon"
ln -sf "$place/zeroapp" "$command"
refresh
echo "zeroapp is among your programs now, and \"$command\" starts it from a terminal."
