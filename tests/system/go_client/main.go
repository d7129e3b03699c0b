// A peer for the system tests: the RPC side of a Go agent. Go's net/rpc with ugorji's
// MsgpackSpecRpc codec and its default handle, the structs as they have them.
//
//	go_client [-region R] [-ip A] [-n RESULTS] [-repeat TIMES] [-parallel CALLS] [-method NAME] ADDRESS
//
// Asks for targets, then pushes RESULTS results, TIMES times over one connection. Prints each
// answer as one line of JSON: {"targets": ...}, {"pushed": N} or {"error": "..."}. With -method it
// only calls that method, with the request for targets. Exits 1 if any call failed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"time"

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

var failed = false

func report(what string, value interface{}, err error) {
	if err != nil {
		failed = true
		what, value = "error", err.Error()
	}
	line, _ := json.Marshal(map[string]interface{}{what: value})
	fmt.Println(string(line))
}

func results(count int, region, ip string) ProberResultPushRequest {
	metrics := []string{"ping_target_success", "ping_packageDrop_rate", "ping_latency_millonseconds"}
	values := []float32{1, 0, 0.25}
	req := ProberResultPushRequest{}
	for i := 0; i < count; i++ {
		req.ProberResults = append(req.ProberResults, &ProberResultOne{
			WorkerName:   ip,
			MetricName:   metrics[i%3],
			TargetAddr:   fmt.Sprintf("192.0.2.%d", i/3%256),
			SourceRegion: region,
			TargetRegion: "go-target-region",
			ProbeType:    "icmp",
			TimeStamp:    time.Now().Unix(),
			Value:        values[i%3],
		})
	}
	return req
}

func main() {
	region := flag.String("region", "go-region", "the agent's region")
	ip := flag.String("ip", "127.0.0.9", "the agent's address")
	count := flag.Int("n", 3, "results in each push")
	repeat := flag.Int("repeat", 1, "times to ask and push")
	parallel := flag.Int("parallel", 1, "calls for targets under way at once")
	method := flag.String("method", "", "call only this method")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	conn, err := net.DialTimeout("tcp", flag.Arg(0), 5*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := rpc.NewClientWithCodec(codec.MsgpackSpecRpc.ClientCodec(conn, &codec.MsgpackHandle{}))
	defer client.Close()
	req := ProberTargetsGetRequest{LocalRegion: *region, LocalIp: *ip}
	if *method != "" {
		var res *ProberTargetsGetResponse
		err = client.Call(*method, req, &res)
		report("targets", res, err)
	} else {
		for i := 0; i < *repeat; i++ {
			var calls []*rpc.Call
			for k := 0; k < *parallel; k++ {
				calls = append(calls, client.Go("Server.GetProberTargets", req, new(*ProberTargetsGetResponse), nil))
			}
			for _, call := range calls {
				<-call.Done
				res := *call.Reply.(**ProberTargetsGetResponse)
				if call.Error == nil && res != nil {
					report("targets", res.Targets, nil)
				} else {
					report("targets", nil, call.Error)
				}
			}
			var pushed *ProberResultPushResponse
			err = client.Call("Server.PushProberResults", results(*count, *region, *ip), &pushed)
			if err == nil && pushed != nil {
				report("pushed", pushed.SuccessNum, nil)
			} else {
				report("pushed", nil, err)
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}
