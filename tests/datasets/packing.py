"""Archives in memory, which several test modules pack."""

import io
import tarfile
import zipfile


def zip_bytes(files, compression=zipfile.ZIP_DEFLATED, **attributes):
    """Pack files, each entry with ``attributes`` of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as bundle:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            for key, value in attributes.items():
                setattr(info, key, value)
            bundle.writestr(info, data)
    return out.getvalue()


def tar_bytes(files, mode="w:gz", kind=tarfile.REGTYPE, **options):
    """Pack files as entries of one kind: links lead to ``target``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as bundle:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "target"
            info.size = len(data) if kind == tarfile.REGTYPE else 0
            bundle.addfile(info, io.BytesIO(data))
    return out.getvalue()
