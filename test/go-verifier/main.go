// Checks a Holdfast log with Go's own implementation of transparency logs (golang.org/x/mod/sumdb), which shares nothing with ours.
// Usage: go-verifier URL VKEY TOKEN [OLD_SIZE OLD_ROOT_BASE64]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fatal(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

type client struct{ url, token string }

func (c client) get(path string) []byte {
	req, err := http.NewRequest("GET", c.url+path, nil)
	if err != nil {
		fatal("%v", err)
	}
	req.Header.Set("authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fatal("%v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		fatal("GET %s: %s %s %v", path, res.Status, body, err)
	}
	return body
}

// tileHeight is that of C2SP tlog-tiles; tlog.TileHashReader checks every tile it reads against the signed root.
const tileHeight = 8

func (c client) Height() int { return tileHeight }
func (c client) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		// tlog writes tile/8/0/000; tlog-tiles leaves the height out.
		out = append(out, c.get("/log/"+strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
	}
	return out, nil
}
func (c client) SaveTiles([]tlog.Tile, [][]byte) {}

func (c client) entries(size int64) [][]byte {
	var out [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		path := tlog.Tile{H: tileHeight, L: 0, N: n, W: int(width)}.Path()
		data := c.get("/log/" + strings.Replace(path, "tile/8/0/", "tile/entries/", 1))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			out = append(out, data[2:2+length])
			data = data[2+length:]
		}
	}
	return out
}

func main() {
	if len(os.Args) != 4 && len(os.Args) != 6 {
		fatal("usage: go-verifier URL VKEY TOKEN [OLD_SIZE OLD_ROOT]")
	}
	c := client{os.Args[1], os.Args[3]}
	verifier, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fatal("key: %v", err)
	}
	signed, err := note.Open(c.get("/log/checkpoint"), note.VerifierList(verifier))
	if err != nil {
		fatal("checkpoint: %v", err)
	}
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != verifier.Name() {
		fatal("checkpoint: %q", signed.Text)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		fatal("root: %v", err)
	}
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, c)

	entries := c.entries(size)
	if int64(len(entries)) != size {
		fatal("%d entries for a tree of %d", len(entries), size)
	}
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(i), entry, memory)
		if err != nil {
			fatal("entry %d: %v", i, err)
		}
		stored = append(stored, hashes...)
		proof, err := tlog.ProveRecord(size, int64(i), reader)
		if err != nil {
			fatal("proof of %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, size, root, int64(i), tlog.RecordHash(entry)); err != nil {
			fatal("entry %d: %v", i, err)
		}
	}
	recomputed, err := tlog.TreeHash(size, memory)
	if err != nil || recomputed != root {
		fatal("the entries give the root %v, signed is %v", recomputed, root)
	}
	if len(os.Args) == 6 {
		oldSize, _ := strconv.ParseInt(os.Args[4], 10, 64)
		bytes, err := base64.StdEncoding.DecodeString(os.Args[5])
		if err != nil || len(bytes) != 32 {
			fatal("old root: %v", err)
		}
		var oldRoot tlog.Hash
		copy(oldRoot[:], bytes)
		proof, err := tlog.ProveTree(size, oldSize, reader)
		if err != nil {
			fatal("consistency: %v", err)
		}
		if err := tlog.CheckTree(proof, size, root, oldSize, oldRoot); err != nil {
			fatal("consistency: %v", err)
		}
	}
	fmt.Printf("%d entries verified\n", size)
}
