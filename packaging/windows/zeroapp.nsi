; The Windows installer: per user, no administrator, no scripts that a virus scanner would ask about.
; makensis -DVERSION=0.1.0 -DSTAGE=dist/zeroapp -DOUT=zeroapp-setup.exe -DICON=zeroapp.ico -DKB=1400000 zeroapp.nsi
Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestLongPathAware true
SetCompressor /SOLID lzma
RequestExecutionLevel user

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "FileFunc.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\zeroapp"
!define KIND "zeroapp.project"

Name "zeroapp"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\zeroapp"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
BrandingText "zeroapp ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "zeroapp"
VIAddVersionKey "FileDescription" "zeroapp set-up"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\zeroapp.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
    SetShellVarContext current
FunctionEnd

Function un.onInit
    SetShellVarContext current
FunctionEnd

; A program that runs holds its files: said before anything is touched.
!macro WaitFor PROGRAM
    ${Do}
        ClearErrors
        ${IfNot} ${FileExists} "$INSTDIR\${PROGRAM}"
            ${Break}
        ${EndIf}
        FileOpen $0 "$INSTDIR\${PROGRAM}" a
        ${IfNot} ${Errors}
            FileClose $0
            ${Break}
        ${EndIf}
        MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
            "zeroapp is open or at work, or a virus scanner is looking at it. Stop a training that runs \
(it saves itself) and close the window, then try again." \
            /SD IDCANCEL IDRETRY +2
        Abort
    ${Loop}
!macroend

; A training goes on when the window is closed: it is zeroapp-cli.exe.
!macro StopIfOpen UN
Function ${UN}StopIfOpen
    !insertmacro WaitFor "zeroapp.exe"
    !insertmacro WaitFor "zeroapp-cli.exe"
FunctionEnd
!macroend
!insertmacro StopIfOpen ""
!insertmacro StopIfOpen "un."

Section "zeroapp"
    Call StopIfOpen
    ; What an older version left would be loaded in place of what comes now. Only our own folders go.
    ${If} ${FileExists} "$INSTDIR\uninstall.exe"
        RMDir /r "$INSTDIR\_internal"
    ${EndIf}
    SetOutPath "$INSTDIR"
    ; On Windows makensis looks for a backslash before the name; elsewhere it takes it for a slash.
    File /r "${STAGE}\*.*"
    WriteUninstaller "$INSTDIR\uninstall.exe"
    CreateShortcut "$SMPROGRAMS\zeroapp.lnk" "$INSTDIR\zeroapp.exe"

    WriteRegStr HKCU "Software\Classes\.zeroapp" "" "${KIND}"
    WriteRegStr HKCU "Software\Classes\${KIND}" "" "zeroapp project"
    WriteRegStr HKCU "Software\Classes\${KIND}\DefaultIcon" "" "$INSTDIR\zeroapp.exe,0"
    WriteRegStr HKCU "Software\Classes\${KIND}\shell\open\command" "" '"$INSTDIR\zeroapp.exe" --window "%1"'
    System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, i 0, i 0)'

    WriteRegStr HKCU "${KEY}" "DisplayName" "zeroapp"
    WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\zeroapp.exe"
    WriteRegStr HKCU "${KEY}" "Publisher" "The zeroapp makers"
    WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD HKCU "${KEY}" "EstimatedSize" ${KB}
    WriteRegDWORD HKCU "${KEY}" "NoModify" 1
    WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
SectionEnd

Section "Uninstall"
    Call un.StopIfOpen
    RMDir /r "$INSTDIR\_internal"
    Delete "$INSTDIR\zeroapp.exe"
    Delete "$INSTDIR\zeroapp-cli.exe"
    Delete "$INSTDIR\uninstall.exe"
    ; Only when it is empty: a folder that was chosen may hold other things.
    RMDir "$INSTDIR"
    Delete "$SMPROGRAMS\zeroapp.lnk"
    DeleteRegKey HKCU "Software\Classes\${KIND}"
    DeleteRegKey HKCU "Software\Classes\.zeroapp"
    DeleteRegKey HKCU "${KEY}"
    ; Gigabytes that were fetched and can be fetched again; settings stay. So written, no path is too long.
    RMDir /r "\\?\$LOCALAPPDATA\zeroapp\engines"
    RMDir /r "$LOCALAPPDATA\zeroapp\Cache"
    RMDir /r "$LOCALAPPDATA\zeroapp\Logs"
    ; Never without a question, and never in a silent removal.
    ${If} ${FileExists} "$DOCUMENTS\zeroapp\*.*"
        MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
            "Your projects are in $DOCUMENTS\zeroapp. Remove them too? This cannot be taken back." \
            /SD IDNO IDNO keep
        RMDir /r "$DOCUMENTS\zeroapp"
        RMDir /r "$LOCALAPPDATA\zeroapp"
        keep:
    ${EndIf}
SectionEnd
