// Prints each emotion as it begins and ends: serd bridge web & go run subscriber.go [URL]
// It needs the standard library alone: server-sent events are lines of text over HTTP.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

type segment struct {
	At         int64   `json:"at"` // milliseconds since 1970
	Phase      string  `json:"phase"`
	Label      string  `json:"label"`
	Confidence float64 `json:"confidence"`
	Duration   float64 `json:"duration_s"`
}

func show(data string) {
	var s segment
	if err := json.Unmarshal([]byte(data), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	at := time.UnixMilli(s.At).UTC().Format("2006-01-02T15:04:05.000Z")
	if s.Phase == "start" {
		fmt.Printf("%s %s (%.0f%%)\n", at, s.Label, 100*s.Confidence)
	} else {
		fmt.Printf("%s %s ended after %.2f s\n", at, s.Label, s.Duration)
	}
}

// read prints segments until the connection ends; it returns the id of the last event that came.
func read(url, last string) (string, error) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return last, err
	}
	request.Header.Set("Last-Event-ID", last) // nothing twice after a break
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return last, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return last, fmt.Errorf("%s: %s", url, answer.Status)
	}
	kind, lines := "", bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case name == "id":
			last = value
		case name == "event":
			kind = value
		case name == "data" && kind == "segment":
			show(value)
		}
	}
	return last, lines.Err()
}

func main() {
	url, last := "http://127.0.0.1:8765/events", ""
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	for {
		var err error
		if last, err = read(url, last); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		time.Sleep(2 * time.Second) // it comes back by itself
	}
}
