// The peer of bench/policy.ts: OPA as a library, prepared once, asked the same questions over the same assignments, one at a time.
// Reads {data, requests} as JSON on standard input; answers with the times (µs) and the decisions, so that both can be compared.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

//go:embed policy.rego
var policy string

type given struct {
	Data     map[string]any   `json:"data"`
	Requests []map[string]any `json:"requests"`
	Rounds   int              `json:"rounds"`
}

type answer struct {
	TimesUs []float64 `json:"timesUs"`
	Allowed []bool    `json:"allowed"`
}

func run() error {
	var in given
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return err
	}
	ctx := context.Background()
	query, err := rego.New(
		rego.Query("data.holdfast.allow"),
		rego.Module("policy.rego", policy),
		rego.Store(inmem.NewFromObject(in.Data)),
	).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	var out answer
	for round := 0; round < in.Rounds; round++ {
		out = answer{}
		for _, request := range in.Requests {
			started := time.Now()
			results, err := query.Eval(ctx, rego.EvalInput(request))
			if err != nil {
				return err
			}
			out.TimesUs = append(out.TimesUs, float64(time.Since(started).Nanoseconds())/1000)
			out.Allowed = append(out.Allowed, results.Allowed())
		}
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
