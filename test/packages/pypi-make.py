# pypi-make.py FOLDER NAME VERSION [REQUIRES_PYTHON [REQUIRES_DIST…]]: a wheel and a source distribution, as small as they can be.
import io, sys, tarfile, zipfile

folder, name, version, python, *requires = [*sys.argv[1:], '>=3.8'][:4] + sys.argv[5:]
stem = name.replace('-', '_').lower()
head = f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n' + ''.join(f'Requires-Dist: {one}\n' for one in requires)
with zipfile.ZipFile(f'{folder}/{stem}-{version}-py3-none-any.whl', 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr(f'{stem}.py', f"said = '{name} {version}'\n")
    wheel.writestr(f'{stem}-{version}.dist-info/METADATA', head + '\nRead me.\n')
    wheel.writestr(f'{stem}-{version}.dist-info/WHEEL', 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
    wheel.writestr(f'{stem}-{version}.dist-info/RECORD', f'{stem}.py,,\n{stem}-{version}.dist-info/METADATA,,\n{stem}-{version}.dist-info/WHEEL,,\n{stem}-{version}.dist-info/RECORD,,\n')
with tarfile.open(f'{folder}/{stem}-{version}.tar.gz', 'w:gz') as source:
    for path, text in (('PKG-INFO', head), (f'{stem}.py', f"said = '{name} {version}'\n")):
        member = tarfile.TarInfo(f'{stem}-{version}/{path}')
        member.size = len(text)
        source.addfile(member, io.BytesIO(text.encode()))
