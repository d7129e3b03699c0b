// A peer for the system tests: the RPC side of a Go server. Go's net/rpc with ugorji's
// MsgpackSpecRpc codec and its default handle, the structs as they have them.
//
//	go_server LISTEN TARGETS.json
//
// Prints "listening ADDRESS" first, then each received result as one line of JSON. TARGETS.json
// holds a list of {"proberType", "region", "target"}; it is read again for every request.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"sync"

	"github.com/ugorji/go/codec"
)

type ProberResultOne struct {
	WorkerName   string  `json:"workerName"`
	MetricName   string  `json:"metricName"`
	TargetAddr   string  `json:"targetAddr"`
	SourceRegion string  `json:"sourceRegion"`
	TargetRegion string  `json:"targetRegion"`
	ProbeType    string  `json:"probeType"`
	TimeStamp    int64   `json:"timeStamp"`
	Value        float32 `json:"value"`
}

type ProberResultPushRequest struct {
	ProberResults []*ProberResultOne `json:"prober_results,omitempty"`
}

type ProberResultPushResponse struct {
	SuccessNum int32 `json:"success_num,omitempty"`
}

type ProberTargetsGetRequest struct {
	LocalRegion string `json:"localRegion"`
	LocalIp     string `json:"localIp"`
}

type ProberTargetsGetResponse struct {
	Targets []*ProberTargets `json:"targets"`
}

type ProberTargets struct {
	ProberType string   `json:"proberType"`
	Region     string   `json:"region"`
	Target     []string `json:"target"`
}

// Server has the methods that agents call.
type Server struct {
	targetsFile string
	mu          sync.Mutex
	out         *bufio.Writer
}

// GetProberTargets answers with the content of the file. An agent without a region is an error.
func (s *Server) GetProberTargets(req ProberTargetsGetRequest, res *ProberTargetsGetResponse) error {
	if req.LocalRegion == "" {
		return errors.New("localRegion is empty")
	}
	content, err := os.ReadFile(s.targetsFile)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, &res.Targets)
}

// PushProberResults prints what it gets.
func (s *Server) PushProberResults(req ProberResultPushRequest, res *ProberResultPushResponse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range req.ProberResults {
		line, err := json.Marshal(one)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, string(line))
		res.SuccessNum++
	}
	return s.out.Flush()
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go_server LISTEN TARGETS.json")
		os.Exit(2)
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := rpc.NewServer()
	if err := server.Register(&Server{targetsFile: os.Args[2], out: bufio.NewWriter(os.Stdout)}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("listening", listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go server.ServeCodec(codec.MsgpackSpecRpc.ServerCodec(conn, &codec.MsgpackHandle{}))
	}
}
